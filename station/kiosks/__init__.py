"""The machines where residents collect by themselves: enrolment, the API they speak, and what staff see of them."""
